Spillway.start()
