// An angle without whole turns, from 0 up to the period; rounding may leave less than nothing, which is carried.
INLINE real wrapped(real angle, double period)
{
    const real turn = real(period), left = fma(-floor(angle * real(1.0 / period)), turn, angle);
    const real below = left >= turn ? left - turn : left;
    return below < real(0.0) ? real(0.0) : below;
}

// Whole turns that were taken off.
INLINE real turns_between(real angle, real left, double period)
{
    return floor(fma(angle - left, real(1.0 / period), real(0.5)));
}

// What that lost: by rounding, and because a turn in single precision is not the period.
INLINE real wrapping_error(real angle, real left, double period)
{
    const real turn = real(period), turns = turns_between(angle, left, period);
    return fma(-turns, real(period - double(turn)), angle - fma(turns, turn, left));
}
