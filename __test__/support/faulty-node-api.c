// Preloaded (LD_PRELOAD): the addon finds a Node-API function that fails in the place of the one that FAULTY_NODE_API names.
// The first FAULTY_NODE_API_AFTER calls of a function of two parameters succeed: napi-rs makes them for itself.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define NAPI_GENERIC_FAILURE 9

static int (*genuine)(void *, void *);
static int successes;

static int fail(void *first, void *second) {
  return successes-- > 0 ? genuine(first, second) : NAPI_GENERIC_FAILURE;
}

void *dlsym(void *handle, const char *name) {
  // The version of the symbol depends on the C library and the processor.
  static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};
  static void *(*real)(void *, const char *);
  for (int i = 0; !real && i < 3; i++) *(void **)&real = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
  const char *faulty = getenv("FAULTY_NODE_API");
  const char *after = getenv("FAULTY_NODE_API_AFTER");
  void *found = real(handle, name);
  if (!found || !faulty || strcmp(name, faulty) != 0) return found;
  *(void **)&genuine = found;
  successes = after ? atoi(after) : 0;
  return (void *)fail;
}
