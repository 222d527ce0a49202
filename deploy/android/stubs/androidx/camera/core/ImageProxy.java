package androidx.camera.core;

public interface ImageProxy extends AutoCloseable {
    android.graphics.Bitmap toBitmap();

    ImageInfo getImageInfo();

    @Override
    void close();
}
