// Philox4x32-10 (doi 10.1145/2063384.2063405): four random words from a counter and a key.
struct Words { unsigned int word[4]; };

INLINE Words philox(
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
    return {{counter0, counter1, counter2, counter3}};
}

// Two normal deviates of two words, by Box and Muller.
INLINE void normal_pair(unsigned int word0, unsigned int word1, real& first, real& second)
{
    const real radius = root(real(-2.0) * elementary::log((real(word0) + real(0.5)) * real(2.3283064365386963e-10)));
    const real angle = real(word1) * real(1.4629180792671596e-09);
    first = radius * elementary::cos(angle);
    second = radius * elementary::sin(angle);
}

// The first of them alone.
INLINE real one_normal(unsigned int word0, unsigned int word1)
{
    real first, second;
    normal_pair(word0, word1, first, second);
    return first;
}
