package android.os;

public class Handler {
    public Handler(Looper looper) {}

    public native boolean post(Runnable r);
}
