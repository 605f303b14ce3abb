// The pointwise operators of two and three operands.
#include "engine/ops/pointwise_expression.h"

#define PW1(...)
#define PW2(...) FP_POINTWISE(2, __VA_ARGS__)
#define PW3(...) FP_POINTWISE(3, __VA_ARGS__)
#include "engine/ops/pointwise.inc"
