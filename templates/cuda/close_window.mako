if (--left == 0) {
    left = window;
    for (int k = 0; k < ${n_exposure}; k++) {
        sampled[k * row_size] = window_sums[k] * per_window;
        window_sums[k] = real(0.0);
    }
    sampled += ${n_exposure} * row_size;
}
