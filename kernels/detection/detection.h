// What object detectors need after their networks, in double: the oracle. Boxes are (x1, y1, x2, y2). Arrays dense.
#pragma once

#include <cstdint>
#include <vector>

namespace fusepack::kernels {

// Greedy non-maximum suppression: boxes by falling score (stable); each kept one drops later ones whose intersection
// over union with it is greater than the threshold. boxes: f64[n,4]; scores: f64[n]. Returns the kept indices.
std::vector<int64_t> NonMaximumSuppression(int64_t n, const double* boxes, const double* scores, double threshold);

struct RoiProblem {
  int64_t images = 1, channels = 1, height = 1, width = 1;
  int64_t rois = 0, out_height = 1, out_width = 1;
  double scale = 1;             // from box coordinates to the input's
  int64_t samples = 0;          // a bin and dimension; <= 0: as many as elements, rounded up
  bool aligned = false;         // shift by half an element
};

// y[k,c,p,q] = mean of bilinear samples of x in bin (p,q) of box k. x: f64[N,C,H,W]; rois: f64[K,5] (image, box);
// y: f64[K,C,P,Q]. Image numbers lie in [0, images).
void RoiAlign(const RoiProblem& problem, const double* x, const double* rois, double* y);

// y[k,c,p,q] = max of x over bin (p,q) of box k, rounded to whole elements (0, index -1, where empty).
void RoiPool(const RoiProblem& problem, const double* x, const double* rois, double* y, int32_t* index);

}  // namespace fusepack::kernels
