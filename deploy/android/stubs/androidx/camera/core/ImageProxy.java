package androidx.camera.core;

public interface ImageProxy extends AutoCloseable {
    int getWidth();

    int getHeight();

    void setCropRect(android.graphics.Rect rect);

    @Override
    void close();
}
