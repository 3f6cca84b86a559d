// LMDB: the index of what lies on the volumes.
#ifndef SPILLWAY_CLMDB_H
#define SPILLWAY_CLMDB_H

#include <lmdb.h>

#endif
