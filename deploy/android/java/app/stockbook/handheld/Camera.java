package app.stockbook.handheld;

import android.content.Context;
import android.graphics.Bitmap;
import android.graphics.Matrix;
import android.os.Handler;
import android.os.Looper;
import android.util.Base64;
import androidx.camera.core.CameraSelector;
import androidx.camera.core.ImageAnalysis;
import androidx.camera.core.ImageCapture;
import androidx.camera.core.ImageCaptureException;
import androidx.camera.core.ImageProxy;
import androidx.camera.lifecycle.ProcessCameraProvider;
import androidx.lifecycle.Lifecycle;
import androidx.lifecycle.LifecycleOwner;
import androidx.lifecycle.LifecycleRegistry;
import com.google.common.util.concurrent.ListenableFuture;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The camera at the back: small frames for the finder, codes that are held into it, and on a press a picture in a file,
 * upright by its EXIF. The permission must have been given.
 *
 * <p>Tells ("frame", JPEG in base64), ("code", what `Codes` read), ("picture", the file's path) and ("failed", why).
 */
public final class Camera implements LifecycleOwner {
    private static final int FINDER = 360;
    private static final int QUALITY = 70;

    private final Handler main = new Handler(Looper.getMainLooper());
    private final Executor onMain = main::post;
    private final Context context;
    private final File folder;
    private final Heard heard;
    private final Codes codes = new Codes();
    private LifecycleRegistry lifecycle;
    private ExecutorService frames;
    private ProcessCameraProvider provider;
    private ImageCapture capture;
    private int taken;

    public Camera(Context context, File folder, Heard heard) {
        this.context = context;
        this.folder = folder;
        this.heard = heard;
    }

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

    /** Takes a picture; exactly one answer is told. */
    public void take() {
        main.post(() -> {
            if (capture == null) {
                heard.heard("failed", "the camera does not look yet");
                return;
            }
            File file = new File(folder, taken++ + ".jpg");
            capture.takePicture(new ImageCapture.OutputFileOptions.Builder(file).build(), onMain,
                new ImageCapture.OnImageSavedCallback() {
                    @Override
                    public void onImageSaved(ImageCapture.OutputFileResults saved) {
                        heard.heard("picture", file.getPath());
                    }

                    @Override
                    public void onError(ImageCaptureException why) {
                        heard.heard("failed", String.valueOf(why.getMessage()));
                    }
                });
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
        ImageAnalysis finder = new ImageAnalysis.Builder()
            .setBackpressureStrategy(ImageAnalysis.STRATEGY_KEEP_ONLY_LATEST)
            .setOutputImageFormat(ImageAnalysis.OUTPUT_IMAGE_FORMAT_RGBA_8888)
            .build();
        finder.setAnalyzer(frames, this::look);
        capture = new ImageCapture.Builder().setCaptureMode(ImageCapture.CAPTURE_MODE_MINIMIZE_LATENCY).build();
        provider.unbindAll();
        provider.bindToLifecycle(this, CameraSelector.DEFAULT_BACK_CAMERA, finder, capture);
    }

    private void look(ImageProxy image) {
        try {
            Bitmap whole = image.toBitmap();
            int rotation = image.getImageInfo().getRotationDegrees();
            heard.heard("frame", shown(whole, rotation));
            String code = codes.in(whole, rotation);
            if (code != null) {
                heard.heard("code", code);
            }
        } finally {
            image.close();
        }
    }

    private static String shown(Bitmap whole, int rotation) {
        float share = (float) FINDER / Math.min(whole.getWidth(), whole.getHeight());
        Matrix upright = new Matrix();
        upright.postScale(share, share);
        upright.postRotate(rotation);
        Bitmap small = Bitmap.createBitmap(whole, 0, 0, whole.getWidth(), whole.getHeight(), upright, true);
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        small.compress(Bitmap.CompressFormat.JPEG, QUALITY, jpeg);
        return Base64.encodeToString(jpeg.toByteArray(), Base64.NO_WRAP);
    }
}
