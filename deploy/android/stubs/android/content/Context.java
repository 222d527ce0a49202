package android.content;

public abstract class Context {
    public abstract Intent registerReceiver(BroadcastReceiver r, IntentFilter f, String permission, android.os.Handler h);

    public abstract Intent registerReceiver(
        BroadcastReceiver r, IntentFilter f, String permission, android.os.Handler h, int flags);

    public abstract void unregisterReceiver(BroadcastReceiver r);
}
