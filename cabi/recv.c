//go:build cgo

#include "fairlead.h"

#ifndef _WIN32
#include <poll.h>
#endif

int64_t fl_conn_recv(uint64_t self, char *p, size_t p_cap, int64_t wait_ms) {
	int32_t socket = -1;
	int64_t n = fl_conn_take(self, p, p_cap, wait_ms, &socket);
#ifndef _WIN32
	if (n == -1 && socket >= 0) {
		/* Another thread may close the socket meanwhile, and its number may become
		   another's: then this wait is in vain, and short. */
		struct pollfd one = {.fd = socket, .events = POLLIN};
		if (poll(&one, 1, (int)wait_ms) > 0) {
			n = fl_conn_take(self, p, p_cap, 0, &socket);
		}
	}
#endif
	return n;
}
