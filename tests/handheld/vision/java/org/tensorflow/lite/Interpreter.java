package org.tensorflow.lite;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * Stands in for the AAR's interpreter in a Java virtual machine without Android: the same calls, and a "model" whose
 * answers are easily computed. Its file is one line: size and dimensions.
 */
public final class Interpreter implements InterpreterApi, AutoCloseable {
    private final int size;
    private final int dimensions;

    public static class Options extends InterpreterApi.Options {
    }

    public Interpreter(File model, Options options) throws java.io.IOException {
        String[] said = new String(java.nio.file.Files.readAllBytes(model.toPath())).trim().split(" ");
        size = Integer.parseInt(said[0]);
        dimensions = Integer.parseInt(said[1]);
        if (options.threads != 1) {
            throw new IllegalArgumentException("one thread was asked for");
        }
    }

    public Tensor getInputTensor(int at) {
        return () -> new int[] {1, size, size, 3};
    }

    public int getOutputTensorCount() {
        return 2;
    }

    public Tensor getOutputTensor(int at) {
        return () -> new int[] {1, at == 0 ? 2 : dimensions};
    }

    public void runForMultipleInputsOutputs(Object[] inputs, Map<Integer, Object> outputs) {
        FloatBuffer in = floats(inputs[0], size * size * 3);
        FloatBuffer orientation = floats(outputs.get(0), 2);
        FloatBuffer embedding = floats(outputs.get(1), dimensions);
        float[] sums = new float[dimensions];
        for (int at = 0; at < size * size * 3; at++) {
            sums[at % dimensions] += in.get(at);
        }
        embedding.put(sums);
        orientation.put(new float[] {in.get(0), in.get(size * size * 3 - 1)});
    }

    private static FloatBuffer floats(Object given, int count) {
        ByteBuffer buffer = (ByteBuffer) given;
        if (!buffer.isDirect() || buffer.order() != ByteOrder.nativeOrder() || buffer.remaining() != 4 * count) {
            throw new IllegalArgumentException("not a direct buffer of " + count + " floats: " + buffer);
        }
        return buffer.asFloatBuffer();
    }

    @Override
    public void close() {
    }
}
