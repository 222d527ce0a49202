package org.tensorflow.lite;

public interface InterpreterApi {
    class Options {
        int threads = -1;

        public Options setNumThreads(int threads) {
            this.threads = threads;
            return this;
        }
    }
}
