// The pointwise operators of one operand.
#include "engine/ops/pointwise_expression.h"

#define PW1(...) FP_POINTWISE(1, __VA_ARGS__)
#define PW2(...)
#define PW3(...)
#include "engine/ops/pointwise.inc"
