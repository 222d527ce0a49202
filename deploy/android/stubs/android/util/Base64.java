package android.util;

public class Base64 {
    public static final int NO_WRAP = 2;

    public static native String encodeToString(byte[] input, int flags);
}
