// PlanMemory: gives every value of a plan its place. See plan_memory.cc for the method.
#pragma once

#include "engine/plan.h"

namespace fusepack {

inline constexpr int64_t kArenaAlignment = 64;

// Fills plan.places, plan.last_step, scratch offsets and the byte counts from plan.graph and plan.steps. kLimit where
// the peak exceeds the target's budget.
Status PlanMemory(Plan& plan);

}  // namespace fusepack
