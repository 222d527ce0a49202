package androidx.camera.core;

public interface ImageProxy extends AutoCloseable {
    int getWidth();

    int getHeight();

    android.graphics.Bitmap toBitmap();

    ImageInfo getImageInfo();

    void setCropRect(android.graphics.Rect rect);

    @Override
    void close();
}
