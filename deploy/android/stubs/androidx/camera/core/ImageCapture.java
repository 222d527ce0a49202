package androidx.camera.core;

public final class ImageCapture extends UseCase {
    public static final int CAPTURE_MODE_MINIMIZE_LATENCY = 1;

    public native void takePicture(
        OutputFileOptions options, java.util.concurrent.Executor executor, OnImageSavedCallback callback);

    public interface OnImageSavedCallback {
        void onImageSaved(OutputFileResults results);

        void onError(ImageCaptureException exception);
    }

    public static final class OutputFileOptions {
        public static final class Builder {
            public Builder(java.io.File file) {}

            public native OutputFileOptions build();
        }
    }

    public static final class OutputFileResults {}

    public static final class Builder {
        public native Builder setCaptureMode(int mode);

        public native ImageCapture build();
    }
}
