% if normals:
#if NOISE
// correctly rounded, whatever the compiler is told of other roots
__device__ __forceinline__ float root(float x) { return __fsqrt_rn(x); }
__device__ __forceinline__ double root(double x) { return sqrt(x); }

struct Words { unsigned int word0, word1, word2, word3; };

// Philox4x32-10: four random words from a counter and a key
static __device__ __forceinline__ Words philox(
    unsigned int counter0, unsigned int counter1, unsigned int counter2, unsigned int counter3,
    unsigned int subkey0, unsigned int subkey1)
{
    for (int turn = 0; turn < 10; turn++) {
        const unsigned int high0 = __umulhi(0xD2511F53u, counter0), low0 = 0xD2511F53u * counter0;
        const unsigned int high1 = __umulhi(0xCD9E8D57u, counter2), low1 = 0xCD9E8D57u * counter2;
        counter0 = high1 ^ counter1 ^ subkey0;
        counter1 = low1;
        counter2 = high0 ^ counter3 ^ subkey1;
        counter3 = low0;
        subkey0 += 0x9E3779B9u;
        subkey1 += 0xBB67AE85u;
    }
    return {counter0, counter1, counter2, counter3};
}
#endif

% endif
