// Allocates exactly as often as it is told, once a line arrives: proves that the counter sees it.
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **arguments) {
  char byte;
  if (count != 2 || write(1, "r", 1) != 1 || read(0, &byte, 1) != 1) return 2;
  for (int left = atoi(arguments[1]); left > 0; left--) {
    void *volatile planted = malloc(100);
    free(planted);
  }
  return write(1, "d", 1) == 1 && read(0, &byte, 1) >= 0 ? 0 : 1;
}
