#include "kernels/detection/detection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/base/parallel.h"

namespace fusepack::kernels {

std::vector<int64_t> NonMaximumSuppression(int64_t n, const double* boxes, const double* scores, double threshold) {
  std::vector<int64_t> order(n), kept;
  std::iota(order.begin(), order.end(), 0);
  // NaN counts as the largest score, as in torch.sort.
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return (std::isnan(scores[a]) && !std::isnan(scores[b])) || scores[a] > scores[b];
  });
  std::vector<bool> dropped(n);
  const auto area = [&](int64_t i) { return (boxes[4 * i + 2] - boxes[4 * i]) * (boxes[4 * i + 3] - boxes[4 * i + 1]); };
  for (int64_t a = 0; a < n; a++) {
    const int64_t i = order[a];
    if (dropped[i]) continue;
    kept.push_back(i);
    for (int64_t b = a + 1; b < n; b++) {
      const int64_t j = order[b];
      const double w = std::min(boxes[4 * i + 2], boxes[4 * j + 2]) - std::max(boxes[4 * i], boxes[4 * j]);
      const double h = std::min(boxes[4 * i + 3], boxes[4 * j + 3]) - std::max(boxes[4 * i + 1], boxes[4 * j + 1]);
      const double both = std::max(0.0, w) * std::max(0.0, h);
      if (both / (area(i) + area(j) - both) > threshold) dropped[j] = true;
    }
  }
  return kept;
}

namespace {

// Bilinear sample of a plane; 0 more than one element outside, held at the edge within.
double Sample(const double* plane, int64_t height, int64_t width, double y, double x) {
  if (!(y >= -1 && y <= static_cast<double>(height) && x >= -1 && x <= static_cast<double>(width))) return 0;
  y = std::max(y, 0.0);
  x = std::max(x, 0.0);
  int64_t y0 = static_cast<int64_t>(y), x0 = static_cast<int64_t>(x);
  int64_t y1 = y0 + 1, x1 = x0 + 1;
  if (y0 >= height - 1) y = static_cast<double>(y0 = y1 = height - 1);
  if (x0 >= width - 1) x = static_cast<double>(x0 = x1 = width - 1);
  const double ly = y - static_cast<double>(y0), lx = x - static_cast<double>(x0);
  return (1 - ly) * (1 - lx) * plane[y0 * width + x0] + (1 - ly) * lx * plane[y0 * width + x1] +
         ly * (1 - lx) * plane[y1 * width + x0] + ly * lx * plane[y1 * width + x1];
}

// Samples of a bin that is `extent` elements long, bounded so that an absurd box costs no more than a large one.
int64_t SampleCount(int64_t given, double extent) {
  constexpr double kMaxSamples = 1 << 14;
  return given > 0 ? given : static_cast<int64_t>(extent > 0 ? std::min(std::ceil(extent), kMaxSamples) : 0);
}

}  // namespace

void RoiAlign(const RoiProblem& p, const double* x, const double* rois, double* y) {
  ParallelFor(p.rois, 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; k++) {
      const double* roi = rois + 5 * k;
      const double shift = p.aligned ? 0.5 : 0;
      const double x0 = roi[1] * p.scale - shift, y0 = roi[2] * p.scale - shift;
      double w = roi[3] * p.scale - shift - x0, h = roi[4] * p.scale - shift - y0;
      if (!p.aligned) {
        w = std::max(w, 1.0);
        h = std::max(h, 1.0);
      }
      const double bin_h = h / static_cast<double>(p.out_height), bin_w = w / static_cast<double>(p.out_width);
      const int64_t sh = SampleCount(p.samples, bin_h);
      const int64_t sw = SampleCount(p.samples, bin_w);
      const double count = static_cast<double>(std::max<int64_t>(sh * sw, 1));
      for (int64_t c = 0; c < p.channels; c++) {
        const double* plane = x + (static_cast<int64_t>(roi[0]) * p.channels + c) * p.height * p.width;
        double* out = y + (k * p.channels + c) * p.out_height * p.out_width;
        for (int64_t i = 0; i < p.out_height; i++) {
          for (int64_t j = 0; j < p.out_width; j++) {
            double sum = 0;
            for (int64_t a = 0; a < sh; a++) {
              const double sy = y0 + (static_cast<double>(i) + (static_cast<double>(a) + 0.5) / static_cast<double>(sh)) * bin_h;
              for (int64_t b = 0; b < sw; b++) {
                const double sx = x0 + (static_cast<double>(j) + (static_cast<double>(b) + 0.5) / static_cast<double>(sw)) * bin_w;
                sum += Sample(plane, p.height, p.width, sy, sx);
              }
            }
            *out++ = sum / count;
          }
        }
      }
    }
  });
}

void RoiPool(const RoiProblem& p, const double* x, const double* rois, double* y, int32_t* index) {
  ParallelFor(p.rois, 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; k++) {
      const double* roi = rois + 5 * k;
      const double x0 = std::round(roi[1] * p.scale), y0 = std::round(roi[2] * p.scale);
      const double bin_w = std::max(std::round(roi[3] * p.scale) - x0 + 1, 1.0) / static_cast<double>(p.out_width);
      const double bin_h = std::max(std::round(roi[4] * p.scale) - y0 + 1, 1.0) / static_cast<double>(p.out_height);
      const auto bound = [](double v, int64_t n) { return static_cast<int64_t>(std::clamp(v, 0.0, static_cast<double>(n))); };
      for (int64_t c = 0; c < p.channels; c++) {
        const double* plane = x + (static_cast<int64_t>(roi[0]) * p.channels + c) * p.height * p.width;
        for (int64_t i = 0; i < p.out_height; i++) {
          const int64_t h0 = bound(std::floor(static_cast<double>(i) * bin_h) + y0, p.height);
          const int64_t h1 = bound(std::ceil(static_cast<double>(i + 1) * bin_h) + y0, p.height);
          for (int64_t j = 0; j < p.out_width; j++) {
            const int64_t w0 = bound(std::floor(static_cast<double>(j) * bin_w) + x0, p.width);
            const int64_t w1 = bound(std::ceil(static_cast<double>(j + 1) * bin_w) + x0, p.width);
            double best = h0 < h1 && w0 < w1 ? -INFINITY : 0;
            int64_t at = -1;
            for (int64_t h = h0; h < h1; h++) {
              for (int64_t w = w0; w < w1; w++) {
                if (plane[h * p.width + w] > best) {
                  best = plane[h * p.width + w];
                  at = h * p.width + w;
                }
              }
            }
            const int64_t o = ((k * p.channels + c) * p.out_height + i) * p.out_width + j;
            y[o] = best;
            index[o] = static_cast<int32_t>(at);
          }
        }
      }
    }
  });
}

}  // namespace fusepack::kernels
