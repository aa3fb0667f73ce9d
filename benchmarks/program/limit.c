// A step of a perceptron INPUTS-FIRST-SECOND-1 with relu, as one would write it by hand: the mean of
// the hinge loss plus ALPHA times the sum of all squared parameters, and its gradient.
//
// LANES samples at a time go through the whole network and back, so that their numbers stay at hand.
// Every loop over them has a constant length: the compiler makes vector instructions of it.

#include <string.h>

#define SIZE (FIRST * (INPUTS + 1) + SECOND * (FIRST + 1) + SECOND + 1)
#define each(i, n) for (int i = 0; i < (n); i++)
#define stage static inline __attribute__((always_inline)) void

typedef double Lanes[LANES] __attribute__((aligned(64)));

// z = W x + b; a neuron's weights are followed by its bias.
stage forward(int inputs, int neurons, const double *w, Lanes *x, Lanes *z) {
    each(j, neurons) {
        const double *row = w + j * (inputs + 1);
        Lanes sum;
        each(l, LANES) sum[l] = row[inputs];
        each(k, inputs) each(l, LANES) sum[l] += row[k] * x[k][l];
        each(l, LANES) z[j][l] = sum[l];
    }
}

stage relu(int neurons, Lanes *z) {
    each(j, neurons) each(l, LANES) z[j][l] = z[j][l] > 0 ? z[j][l] : 0;
}

// From the slopes in z: add those in w, over all lanes.
stage weigh(int inputs, int neurons, Lanes *slope, Lanes *x, double *gradient) {
    each(j, neurons) {
        double *row = gradient + j * (inputs + 1), total = 0;
        each(k, inputs) {
            double sum = 0;
            each(l, LANES) sum += slope[j][l] * x[k][l];
            row[k] += sum;
        }
        each(l, LANES) total += slope[j][l];
        row[inputs] += total;
    }
}

// From the slopes in z: those in the x before it, which come out of a relu.
stage backward(int inputs, int neurons, const double *w, Lanes *slope, Lanes *x, Lanes *earlier) {
    each(k, inputs) {
        Lanes sum = {0};
        each(j, neurons) each(l, LANES) sum[l] += w[j * (inputs + 1) + k] * slope[j][l];
        each(l, LANES) earlier[k][l] = x[k][l] > 0 ? sum[l] : 0;
    }
}

// Inputs are rows of samples; a tile that is not full is filled up with what counts for nothing.
stage load(long count, const double *X, const double *y, Lanes *x, double *target) {
    each(k, INPUTS) each(l, LANES) x[k][l] = l < count ? X[l * INPUTS + k] : 0;
    each(l, LANES) target[l] = l < count ? y[l] : 0;
}

double step(const double *w, const double *X, const double *y, double *gradient, long samples) {
    const double *second = w + FIRST * (INPUTS + 1), *third = second + SECOND * (FIRST + 1);
    double *slopes2 = gradient + (second - w), *slopes3 = gradient + (third - w);
    double loss = 0, penalty = 0;
    memset(gradient, 0, SIZE * sizeof *gradient);
    for (long start = 0; start < samples; start += LANES) {
        Lanes x[INPUTS], a[FIRST], b[SECOND], score[1], target, d_score[1], d_b[SECOND], d_a[FIRST];
        load(samples - start, X + start * INPUTS, y + start, x, target);
        forward(INPUTS, FIRST, w, x, a), relu(FIRST, a);
        forward(FIRST, SECOND, second, a, b), relu(SECOND, b);
        forward(SECOND, 1, third, b, score);
        each(l, LANES) {
            double margin = 1 - target[l] * score[0][l];
            int counts = (target[l] != 0) & (margin > 0);
            loss += counts ? margin : 0;
            d_score[0][l] = counts ? -target[l] : 0;
        }
        weigh(SECOND, 1, d_score, b, slopes3);
        backward(SECOND, 1, third, d_score, b, d_b);
        weigh(FIRST, SECOND, d_b, a, slopes2);
        backward(FIRST, SECOND, second, d_b, a, d_a);
        weigh(INPUTS, FIRST, d_a, x, gradient);
    }
    each(i, SIZE) penalty += w[i] * w[i];
    each(i, SIZE) gradient[i] = gradient[i] / samples + 2 * ALPHA * w[i];
    return loss / samples + ALPHA * penalty;
}
