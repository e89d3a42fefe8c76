// Run a CUDA kernel on the host: enough of CUDA C++ for generated code, one fiber a CUDA thread.
//
// All fibers of a block share one operating-system thread and hand over at __syncthreads(), block after block.
// Between two barriers the threads run one after another, forwards in one phase and backwards in the next, so
// that code which lacks a barrier gives wrong numbers instead of being right by chance. Other orders can be
// chosen, to see that none makes a difference.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <math.h>
#include <numeric>
#include <setjmp.h>
#include <string>
#include <sys/mman.h>
#include <type_traits>
#include <ucontext.h>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
// One copy for all blocks, since they run in turn; a section of its own, so that it can be poisoned before each.
#define __shared__ static __attribute__((section("cuda_shared")))
#define __syncthreads() cuda_on_host::wait_at_barrier(__LINE__)
// Shared memory whose size the launch says; on the device `extern __shared__ type name[]`.
#define DYNAMIC_SHARED(type, name) alignas(16) __shared__ type name[cuda_on_host::shared_bytes / sizeof(type)]

extern "C" __attribute__((weak, visibility("hidden"))) char __start_cuda_shared[];
extern "C" __attribute__((weak, visibility("hidden"))) char __stop_cuda_shared[];

struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};
static dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace cuda_on_host {

constexpr std::size_t stack_bytes = 256 * 1024;
constexpr std::size_t shared_bytes = 227 * 1024;

// How a phase's threads follow one another; numbers from 3 on seed a shuffle.
enum Order : unsigned { alternating, forwards, backwards };

// A context is used once, to enter a fiber on its own stack. From then on jumps switch, 30 times faster: a
// context switch asks the kernel for the signal mask every time.
struct Fiber {
    ucontext_t entry;
    jmp_buf resume;
    bool entered = false;
    int line = 0;  // of the barrier it waits at; 0 once it has ended
};

struct Launch {
    jmp_buf scheduler;
    std::vector<Fiber> fibers;
    Fiber* running = nullptr;
    void (*body)(void*) = nullptr;
    void* closure = nullptr;
    unsigned order = alternating;
    std::string message;
};
static Launch launch_state;

inline void wait_at_barrier(int line) {
    Fiber* self = launch_state.running;
    self->line = line;
    if (!_setjmp(self->resume)) _longjmp(launch_state.scheduler, 1);
}

inline void enter_fiber() {
    launch_state.body(launch_state.closure);
    launch_state.running->line = 0;
    _longjmp(launch_state.scheduler, 1);
}

// Not inlined: its caller's variables would be undefined after the jump back.
__attribute__((noinline)) inline void run_fiber(Fiber* fiber) {
    launch_state.running = fiber;
    if (_setjmp(launch_state.scheduler)) return;
    if (fiber->entered) _longjmp(fiber->resume, 1);
    fiber->entered = true;
    setcontext(&fiber->entry);
}

inline dim3 thread_index(unsigned number) {
    return {number % blockDim.x, number / blockDim.x % blockDim.y, number / (blockDim.x * blockDim.y)};
}

inline std::string place(const char* what, dim3 at) {
    return std::string(what) + " (" + std::to_string(at.x) + ", " + std::to_string(at.y) + ")";
}

inline std::string stopped_at(unsigned number) {
    int line = launch_state.fibers[number].line;
    return place("thread", thread_index(number)) +
           (line ? " waits at the barrier in line " + std::to_string(line) : " has ended");
}

// Which thread comes in a turn of a phase. Odd multipliers that have no factor in common with the number of
// threads reach each of them once.
inline unsigned thread_of_turn(unsigned turn, unsigned phase, unsigned count) {
    unsigned order = launch_state.order;
    if (order <= backwards)
        return (order == alternating ? phase % 2 == 1 : order == backwards) ? count - 1 - turn : turn;
    std::uint64_t mixed = (order * 0x9E3779B97F4A7C15ull) ^ (phase * 0xBF58476D1CE4E5B9ull);
    std::uint64_t stride = (mixed >> 32) % count | 1;
    while (std::gcd(stride, std::uint64_t(count)) != 1) stride += 2;
    return unsigned((turn * stride + mixed % count) % count);
}

// Advance every thread to its next barrier or its end; false when they do not all stop at the same place.
inline bool run_phase(unsigned phase) {
    auto& fibers = launch_state.fibers;
    unsigned count = fibers.size();
    for (unsigned turn = 0; turn < count; turn++) {
        unsigned number = thread_of_turn(turn, phase, count);
        threadIdx = thread_index(number);
        run_fiber(&fibers[number]);
    }
    for (unsigned number = 1; number < count; number++)
        if (fibers[number].line != fibers[0].line) {
            launch_state.message = "divergent barrier: in " + place("block", blockIdx) + " " +
                                   stopped_at(0) + " while " + stopped_at(number);
            return false;
        }
    return true;
}

// Shared memory is undefined when a block starts: all bits set is NaN, and -1.
inline bool run_block(char* stacks) {
    if (__start_cuda_shared)
        std::memset(__start_cuda_shared, 0xff, __stop_cuda_shared - __start_cuda_shared);
    auto& fibers = launch_state.fibers;
    for (std::size_t number = 0; number < fibers.size(); number++) {
        fibers[number].entered = false;
        ucontext_t& context = fibers[number].entry;
        getcontext(&context);
        context.uc_stack.ss_sp = stacks + number * stack_bytes;
        context.uc_stack.ss_size = stack_bytes;
        context.uc_link = nullptr;
        makecontext(&context, enter_fiber, 0);
    }
    for (unsigned phase = 0;; phase++) {
        if (!run_phase(phase)) return false;
        if (fibers[0].line == 0) return true;
    }
}

inline int run_grid(dim3 grid, dim3 block) {
    gridDim = grid;
    blockDim = block;
    std::size_t threads = std::size_t(block.x) * block.y * block.z, bytes = threads * stack_bytes;
    void* stacks = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stacks == MAP_FAILED) {
        launch_state.message = "no memory for the stacks of a block's threads";
        return 1;
    }
    launch_state.fibers = std::vector<Fiber>(threads);
    bool good = true;
    for (unsigned y = 0; good && y < grid.y; y++)
        for (unsigned x = 0; good && x < grid.x; x++) {
            blockIdx = {x, y, 0};
            good = run_block(static_cast<char*>(stacks));
        }
    munmap(stacks, bytes);
    return good ? 0 : 1;
}

template <class... Parameters, std::size_t... index>
int launch(void (*kernel)(Parameters...), void** arguments, dim3 grid, dim3 block, std::index_sequence<index...>) {
    auto call = [&] { kernel(*static_cast<Parameters*>(arguments[index])...); };
    launch_state.body = [](void* closure) { (*static_cast<decltype(call)*>(closure))(); };
    launch_state.closure = &call;
    return run_grid(grid, block);
}

// The kernel's parameters as NumPy type codes: "i4" a scalar, "*f4" a pointer, "*const f4" a read-only one.
template <class T>
std::string type_code() {
    if constexpr (std::is_pointer_v<T>) {
        using Target = std::remove_pointer_t<T>;
        return std::string("*") + (std::is_const_v<Target> ? "const " : "") + type_code<std::remove_cv_t<Target>>();
    } else {
        static_assert(std::is_arithmetic_v<T>, "kernel parameters are numbers or pointers to numbers");
        const char* kind = std::is_floating_point_v<T> ? "f" : std::is_same_v<T, bool> ? "b"
                           : std::is_signed_v<T>       ? "i" : "u";
        return kind + std::to_string(sizeof(T));
    }
}

template <class... Parameters>
std::string signature(void (*)(Parameters...)) {
    std::string codes;
    ((codes += type_code<Parameters>() + ";"), ...);
    return codes;
}

template <class... Parameters>
int launch(void (*kernel)(Parameters...), void** arguments, dim3 grid, dim3 block) {
    return launch(kernel, arguments, grid, block, std::index_sequence_for<Parameters...>{});
}

}  // namespace cuda_on_host

// What CUDA declares in the global namespace and C++ does not.
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned((std::uint64_t(a) * b) >> 32); }
inline float __fsqrt_rn(float x) { return sqrtf(x); }
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline float rsqrt(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }
inline float cospif(float x) { return float(cos(M_PI * fmod(double(x), 2.0))); }
inline float sinpif(float x) { return float(sin(M_PI * fmod(double(x), 2.0))); }
inline float cospi(float x) { return cospif(x); }
inline double cospi(double x) { return cos(M_PI * fmod(x, 2.0)); }
inline void sincospif(float x, float* sine, float* cosine) { *sine = sinpif(x), *cosine = cospif(x); }
inline void sincospi(float x, float* sine, float* cosine) { sincospif(x, sine, cosine); }
inline void sincospi(double x, double* sine, double* cosine) { *sine = sin(M_PI * fmod(x, 2.0)), *cosine = cospi(x); }
// Half precision in 16 bits, rounded to nearest even (IEEE 754 binary16), as the device's conversions do.
inline float cuda_on_host_float_of_half(unsigned short bits) {
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    float size = exponent == 31 ? (fraction ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity())
                 : exponent     ? std::ldexp(float(fraction + 1024), exponent - 25)
                                : std::ldexp(float(fraction), -24);
    return bits >> 15 ? -size : size;
}
inline unsigned short cuda_on_host_half_of_float(float x) {
    unsigned sign = std::signbit(x) ? 0x8000u : 0u;
    double size = std::fabs(double(x));
    if (size != size) return (unsigned short)(sign | 0x7fffu);
    if (size == 0.0) return (unsigned short)sign;
    if (size >= 65520.0) return (unsigned short)(sign | 0x7c00u);
    int exponent;
    std::frexp(size, &exponent);  // size = m * 2^exponent with m in [1/2, 1)
    if (exponent < -13) exponent = -13;  // below 2^-14 numbers lie 2^-24 apart
    double units = std::nearbyint(std::ldexp(size, 11 - exponent));
    return (unsigned short)(sign | (unsigned(exponent + 13) * 1024u + unsigned(units)));
}
inline float __uint_as_float(unsigned bits) { float x; std::memcpy(&x, &bits, sizeof x); return x; }
inline unsigned __float_as_uint(float x) { unsigned bits; std::memcpy(&bits, &x, sizeof x); return bits; }
inline float __int_as_float(int bits) { float x; std::memcpy(&x, &bits, sizeof x); return x; }
inline int __float_as_int(float x) { int bits; std::memcpy(&bits, &x, sizeof x); return bits; }
inline double __longlong_as_double(long long bits) { double x; std::memcpy(&x, &bits, sizeof x); return x; }
inline long long __double_as_longlong(double x) { long long bits; std::memcpy(&bits, &x, sizeof x); return bits; }

// As on the device: of a number and a NaN, the number.
template <class A, class B>
inline std::common_type_t<A, B> min(A a, B b) {
    std::common_type_t<A, B> x = a, y = b;
    if constexpr (std::is_floating_point_v<decltype(x)>) return fmin(x, y);
    return y < x ? y : x;
}
template <class A, class B>
inline std::common_type_t<A, B> max(A a, B b) {
    std::common_type_t<A, B> x = a, y = b;
    if constexpr (std::is_floating_point_v<decltype(x)>) return fmax(x, y);
    return x < y ? y : x;
}

// The device's compiler has no such macros unless the source defines them.
#undef INFINITY
#undef NAN

extern "C" const char* cuda_on_host_message() { return cuda_on_host::launch_state.message.c_str(); }
extern "C" void cuda_on_host_set_order(unsigned order) { cuda_on_host::launch_state.order = order; }

#define CUDA_ON_HOST_EXPORT(kernel)                                                                         \
    extern "C" int cuda_on_host_launch_##kernel(void** arguments, unsigned gx, unsigned gy, unsigned bx,    \
                                                unsigned by) {                                              \
        return cuda_on_host::launch(kernel, arguments, {gx, gy, 1}, {bx, by, 1});                           \
    }                                                                                                       \
    extern "C" const char* cuda_on_host_signature_##kernel() {                                              \
        static const std::string codes = cuda_on_host::signature(kernel);                                   \
        return codes.c_str();                                                                               \
    }
