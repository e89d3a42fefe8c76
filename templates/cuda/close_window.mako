if (--left == 0) {
    left = window;
    for (int k = 0; k < ${n_exposure}; k++) {
        sampled[k * row_size] = window_sums[k] * per_window;
        window_sums[k] = window_sums[${n_exposure} + k] = real(0.0);
    }
% for angle in angles:
    sampled[${angle.exposure} * row_size] = wrapped(sampled[${angle.exposure} * row_size], ${repr(angle.period)});
    window_sums[${2 * n_exposure + loop.index}] = real(0.0);
% endfor
    sampled += ${n_exposure} * row_size;
}
