/* Stand-in for Windows' mscms.dll: Wine 8 lacks WcsCreateIccProfile, without which Qt 6.12 finds no
 * screen. Tests only; it lives in the Wine prefix and never beside the program. It knows no colour
 * profile, which Qt takes as a screen without one. */

#define EXPORT __declspec(dllexport)

EXPORT void *WcsOpenColorProfileW(void *device, void *camera, void *gamut, unsigned access,
                                  unsigned share, unsigned mode, unsigned flags) { return 0; }
EXPORT void *WcsCreateIccProfile(void *profile, unsigned options) { return 0; }
EXPORT void *OpenColorProfileW(void *profile, unsigned access, unsigned share, unsigned mode)
{ return 0; }
EXPORT int CloseColorProfile(void *profile) { return 1; }
EXPORT int GetColorProfileFromHandle(void *profile, void *buffer, unsigned *size)
{ if (size) *size = 0; return 0; }
EXPORT int WcsGetDefaultColorProfile(void) { return 0; }
EXPORT int WcsGetDefaultColorProfileSize(void) { return 0; }
