// Square root, correctly rounded whatever the compiler is told of other roots.
INLINE float root(float x) { return __fsqrt_rn(x); }
INLINE double root(double x) { return sqrt(x); }

// The larger and the smaller of two numbers; a value that is NaN stays so.
INLINE real at_least(real value, real limit) { return value < limit ? limit : value; }
INLINE real at_most(real value, real limit) { return value > limit ? limit : value; }

// What is lost where a state and a smaller increment are added up; what double precision loses is left out.
INLINE float rounding_error(float state, float increment, float following) { return increment - (following - state); }
INLINE double rounding_error(double, double, double) { return 0.0; }

// Add a value to a sum and to what rounding left of it: nothing where the sum is not finite, or in double precision.
INLINE void add_up(float& total, float& rest, float value)
{
    const float increment = value + rest, following = total + increment;
    const float lost = increment - (following - total);
    rest = lost == lost ? lost : 0.0f;
    total = following;
}
INLINE void add_up(double& total, double&, double value) { total += value; }
