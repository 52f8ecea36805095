/* Stand-in for Windows 10's icuuc.dll, which Wine 8 does not have and Qt 6.12 links to.
 *
 * Tests only; it lives in the Wine prefix and never beside the program. Every conversion reports
 * U_UNSUPPORTED_ERROR, so Qt falls back to its own UTF-8 and UTF-16 codecs. */

#define EXPORT __declspec(dllexport)
#define UNSUPPORTED(error) do { if (error) *(error) = 16; } while (0) /* U_UNSUPPORTED_ERROR */

typedef int UErrorCode;

EXPORT void *ucnv_open(const char *name, UErrorCode *error) { UNSUPPORTED(error); return 0; }
EXPORT void ucnv_close(void *converter) {}
EXPORT void ucnv_reset(void *converter) {}
EXPORT signed char ucnv_getMaxCharSize(void *converter) { return 4; }
EXPORT const char *ucnv_getName(void *converter, UErrorCode *error) { UNSUPPORTED(error); return 0; }
EXPORT int ucnv_countAvailable(void) { return 0; }
EXPORT const char *ucnv_getAvailableName(int number) { return 0; }
EXPORT const char *ucnv_getStandardName(const char *name, const char *standard, UErrorCode *error)
{ UNSUPPORTED(error); return 0; }

EXPORT void UCNV_FROM_U_CALLBACK_SUBSTITUTE(void) {}
EXPORT void UCNV_TO_U_CALLBACK_SUBSTITUTE(void) {}

EXPORT void ucnv_getToUCallBack(void *converter, void **action, const void **context)
{ if (action) *action = 0; if (context) *context = 0; }
EXPORT void ucnv_getFromUCallBack(void *converter, void **action, const void **context)
{ if (action) *action = 0; if (context) *context = 0; }
EXPORT void ucnv_setToUCallBack(void *converter, void *action, const void *context,
                                void **old_action, const void **old_context, UErrorCode *error)
{ UNSUPPORTED(error); }
EXPORT void ucnv_setFromUCallBack(void *converter, void *action, const void *context,
                                  void **old_action, const void **old_context, UErrorCode *error)
{ UNSUPPORTED(error); }

EXPORT void ucnv_cbToUWriteUChars(void *arguments, const void *source, int length, int offset,
                                  UErrorCode *error)
{ UNSUPPORTED(error); }
EXPORT void ucnv_cbFromUWriteUChars(void *arguments, const void **source, const void *limit,
                                    int offset, UErrorCode *error)
{ UNSUPPORTED(error); }
EXPORT void ucnv_toUnicode(void *converter, void **target, const void *target_limit,
                           const char **source, const char *source_limit, int *offsets,
                           signed char flush, UErrorCode *error)
{ UNSUPPORTED(error); }
EXPORT void ucnv_fromUnicode(void *converter, char **target, const char *target_limit,
                             const void **source, const void *source_limit, int *offsets,
                             signed char flush, UErrorCode *error)
{ UNSUPPORTED(error); }
EXPORT int ucnv_toUCountPending(void *converter, UErrorCode *error) { UNSUPPORTED(error); return -1; }
EXPORT int ucnv_fromUCountPending(void *converter, UErrorCode *error) { UNSUPPORTED(error); return -1; }
