package app.stockbook.handheld;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.os.Build;
import android.os.Bundle;
import android.os.Handler;
import android.os.HandlerThread;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * Takes the broadcasts by which scanner services tell of a scan.
 *
 * <p>A receiver of our own, since that of python-for-android is registered without saying whether other apps may send
 * to it, which Android 14 refuses. It runs on its own thread: a busy screen must not hold up a scan.
 */
public final class Scans extends BroadcastReceiver {
    private static final int RECEIVER_EXPORTED = 2; // Context.RECEIVER_EXPORTED, since API 33

    private final Context context;
    private final String[] actions;
    private final Heard heard;
    private HandlerThread thread;

    public Scans(Context context, String[] actions, Heard heard) {
        this.context = context;
        this.actions = actions;
        this.heard = heard;
    }

    /** Begins to listen; a second call does nothing. */
    public synchronized void start() {
        if (thread != null) {
            return;
        }
        thread = new HandlerThread("scans");
        thread.start();
        IntentFilter filter = new IntentFilter();
        for (String action : actions) {
            filter.addAction(action);
        }
        filter.addCategory(Intent.CATEGORY_DEFAULT);
        Handler handler = new Handler(thread.getLooper());
        if (Build.VERSION.SDK_INT >= 33) {
            context.registerReceiver(this, filter, null, handler, RECEIVER_EXPORTED);
        } else {
            context.registerReceiver(this, filter, null, handler);
        }
    }

    /** Listens no more. */
    public synchronized void stop() {
        if (thread == null) {
            return;
        }
        context.unregisterReceiver(this);
        thread.quitSafely();
        thread = null;
    }

    @Override
    public void onReceive(Context from, Intent intent) {
        Bundle extras = intent.getExtras();
        JSONObject texts = new JSONObject();
        if (extras != null) {
            for (String name : extras.keySet()) {
                Object value = extras.get(name);
                if (value instanceof String) {
                    try {
                        texts.put(name, value);
                    } catch (JSONException unnamed) {
                        continue; // only a null name does that
                    }
                }
            }
        }
        heard.heard(intent.getAction(), texts.toString());
    }
}
