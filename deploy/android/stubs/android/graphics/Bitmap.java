package android.graphics;

public final class Bitmap {
    public static native Bitmap createBitmap(
        Bitmap source, int x, int y, int width, int height, Matrix matrix, boolean filter);

    public native int getWidth();

    public native int getHeight();

    public native boolean compress(CompressFormat format, int quality, java.io.OutputStream stream);

    public enum CompressFormat { JPEG }
}
