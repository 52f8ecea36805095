/* Stand-in for Windows 10's bcryptprimitives.dll, which Wine 8 does not have and every library
 * written in Rust links to (cryptography, pydantic). Tests only; it lives in the Wine prefix and never
 * beside the program. The random bytes are real: they come from Wine's RtlGenRandom. */

#include <stddef.h>

/* RtlGenRandom's name in advapi32.dll; it takes at most an unsigned long of bytes. */
__declspec(dllimport) unsigned char __stdcall SystemFunction036(void *buffer, unsigned long length);

__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *buffer, size_t length)
{
    const size_t most = 1u << 30;
    while (length > 0) {
        size_t part = length < most ? length : most;
        if (!SystemFunction036(buffer, (unsigned long)part)) return 0;
        buffer += part;
        length -= part;
    }
    return 1;
}
