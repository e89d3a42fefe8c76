// Means, extremes and co-moments of what a simulation puts out, kept up on the device.
//
// A thread has one work item (threadIdx.x) and a tile of TILE x TILE pairs of nodes, and goes through the
// samples of a launch one after another (Welford's update, doi 10.1080/00401706.1962.10490022), so that no bit
// depends on how many samples a launch has. Arrays: output (lane block, sample, exposure, node, lane). The others
// begin with lane block and measured exposure: comoments (tile, row, column, lane), tiles of the lower triangle
// row by row, or, where PAIRS is 0, those of the diagonal alone; mean, least, most and timed (node, lane), the last
// of them sums of products of deviations and times, in samples. Every tile reads the means of its nodes, and those
// of the diagonal write them: to other memory, since tiles do not wait for one another.
#ifndef REAL
#define REAL float
#endif
#ifndef LANES
#define LANES 32
#endif
#ifndef GROUPS
#define GROUPS 8
#endif
#ifndef PAIRS
#define PAIRS 1
#endif
// Places of the measured exposures among the output's, separated by commas.
#ifndef MEASURED
#define MEASURED 0
#endif

typedef REAL real;

const int TILE = 4;

extern "C" __global__ void __launch_bounds__(LANES * GROUPS) moments_update(
    const real *output, int n_sample, int n_exposure, int n_node, int n_tile, int before, const double *mean_before,
    double *mean, real *least, real *most, double *comoments, double *timed)
{
    const int lane = threadIdx.x;
    const int n_part = (n_tile + GROUPS - 1) / GROUPS;
    const int part = blockIdx.x % n_part, series = blockIdx.x / n_part;
    const int measured[] = {MEASURED};
    const int n_measured = sizeof(measured) / sizeof(int);
    const int exposure = measured[series % n_measured], block = series / n_measured;
    const int tile = part * GROUPS + threadIdx.y;
    if (tile >= n_tile) return;
    int row = tile, column = tile;
    if (PAIRS) {
        row = 0;
        while ((row + 1) * (row + 2) / 2 <= tile) row++;
        column = tile - row * (row + 1) / 2;
    }

    // rows and columns beyond the last node repeat it, and are not read again
    int places[2][TILE];
    double middle[2][TILE], sums[TILE][TILE];
    for (int k = 0; k < TILE; k++) {
        const int i = row * TILE + k, j = column * TILE + k;
        places[0][k] = (i < n_node ? i : n_node - 1) * LANES + lane;
        places[1][k] = (j < n_node ? j : n_node - 1) * LANES + lane;
    }
    const size_t own = (size_t)series * n_node * LANES;
    double *kept = comoments + ((size_t)series * n_tile + tile) * TILE * TILE * LANES + lane;
    for (int k = 0; k < TILE; k++) {
        for (int side = 0; side < 2; side++) middle[side][k] = mean_before[own + places[side][k]];
        for (int l = 0; l < TILE; l++) sums[k][l] = kept[(k * TILE + l) * LANES];
    }

    for (int sample = 0; sample < n_sample; sample++) {
        const real *values = output + (((size_t)block * n_sample + sample) * n_exposure + exposure) * n_node * LANES;
        const double share = 1.0 / (before + sample + 1);
        double off[TILE], left[TILE];
        for (int k = 0; k < TILE; k++) {
            const double value = values[places[0][k]];
            off[k] = value - middle[0][k];
            middle[0][k] = fma(off[k], share, middle[0][k]);
        }
        for (int k = 0; k < TILE; k++) {
            const double value = values[places[1][k]];
            middle[1][k] = fma(value - middle[1][k], share, middle[1][k]);
            left[k] = value - middle[1][k];
        }
        for (int k = 0; k < TILE; k++)
            for (int l = 0; l < TILE; l++) sums[k][l] = fma(off[k], left[l], sums[k][l]);
    }

    for (int k = 0; k < TILE; k++)
        for (int l = 0; l < TILE; l++) kept[(k * TILE + l) * LANES] = sums[k][l];
    if (row != column) return;
    for (int k = 0; k < TILE && row * TILE + k < n_node; k++) {
        const size_t at = own + places[0][k];
        real low = least[at], high = most[at];
        double middle_so_far = mean_before[at], with_time = timed[at];
        for (int sample = 0; sample < n_sample; sample++) {
            const real value =
                output[(((size_t)block * n_sample + sample) * n_exposure + exposure) * n_node * LANES + places[0][k]];
            low = value < low ? value : low;
            high = value > high ? value : high;
            // a sample's time is this far from the mean of those before it
            const double number = before + sample + 1, later = 0.5 * number;
            middle_so_far = fma(value - middle_so_far, 1.0 / number, middle_so_far);
            with_time = fma(later, value - middle_so_far, with_time);
        }
        timed[at] = with_time;
        mean[at] = middle[0][k];
        least[at] = low;
        most[at] = high;
    }
}
