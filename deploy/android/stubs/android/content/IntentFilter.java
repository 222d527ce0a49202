package android.content;

public class IntentFilter {
    public native void addAction(String action);

    public native void addCategory(String category);
}
