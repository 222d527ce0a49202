package app.stockbook.handheld;

import android.content.Context;
import android.os.Handler;
import android.os.Looper;
import androidx.camera.core.CameraSelector;
import androidx.camera.core.UseCase;
import androidx.camera.lifecycle.ProcessCameraProvider;
import androidx.lifecycle.Lifecycle;
import androidx.lifecycle.LifecycleOwner;
import androidx.lifecycle.LifecycleRegistry;
import com.google.common.util.concurrent.ListenableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Holds the camera at the back while something looks through it. The permission must have been given. */
abstract class Looking implements LifecycleOwner {
    final Handler main = new Handler(Looper.getMainLooper());
    final Executor onMain = main::post;
    private final Context context;
    private LifecycleRegistry lifecycle;
    private ExecutorService frames;
    private ProcessCameraProvider provider;

    Looking(Context context) {
        this.context = context;
    }

    /** What looks: made anew at each start; frames come on the executor's one thread. */
    abstract UseCase[] uses(Executor frames);

    @Override
    public Lifecycle getLifecycle() {
        return lifecycle;
    }

    /** Begins to look, until `stop`. */
    public void start() {
        main.post(() -> {
            if (frames != null) {
                return;
            }
            if (lifecycle == null) {
                lifecycle = new LifecycleRegistry(this);
            }
            frames = Executors.newSingleThreadExecutor();
            lifecycle.setCurrentState(Lifecycle.State.STARTED);
            ListenableFuture<ProcessCameraProvider> coming = ProcessCameraProvider.getInstance(context);
            coming.addListener(() -> bind(coming), onMain);
        });
    }

    /** Looks no more and gives the camera back. */
    public void stop() {
        main.post(() -> {
            if (frames == null) {
                return;
            }
            if (provider != null) {
                provider.unbindAll();
            }
            lifecycle.setCurrentState(Lifecycle.State.CREATED);
            frames.shutdown();
            frames = null;
        });
    }

    private void bind(ListenableFuture<ProcessCameraProvider> coming) {
        try {
            provider = coming.get();
        } catch (ExecutionException | InterruptedException none) {
            return; // a device without a camera: its scanner does the work
        }
        if (frames == null) {
            return;
        }
        provider.unbindAll();
        provider.bindToLifecycle(this, CameraSelector.DEFAULT_BACK_CAMERA, uses(frames));
    }
}
