package app.stockbook.handheld;

import android.content.Context;
import android.graphics.Rect;
import android.os.Handler;
import android.os.Looper;
import androidx.camera.core.CameraSelector;
import androidx.camera.core.ImageAnalysis;
import androidx.camera.core.ImageProxy;
import androidx.camera.lifecycle.ProcessCameraProvider;
import androidx.lifecycle.Lifecycle;
import androidx.lifecycle.LifecycleOwner;
import androidx.lifecycle.LifecycleRegistry;
import com.google.common.util.concurrent.ListenableFuture;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.json.JSONException;
import org.json.JSONObject;
import zxingcpp.BarcodeReader;

/**
 * Reads codes by the camera where there is no scanner: CameraX gives frames, zxing-cpp reads them, text goes to Python.
 *
 * <p>Only the middle of the picture is looked at, in the formats that goods carry; every fifth frame is turned too.
 * The raw bytes are told, never the readable form, which has brackets in place of the separators of GS1.
 */
public final class Camera implements LifecycleOwner {
    private static final int THOROUGH_EVERY = 5;

    private final LifecycleRegistry lifecycle = new LifecycleRegistry(this);
    private final Handler main = new Handler(Looper.getMainLooper());
    private final Executor onMain = main::post;
    private final Context context;
    private final Heard heard;
    private final BarcodeReader reader = new BarcodeReader();
    private ExecutorService frames;
    private ProcessCameraProvider provider;
    private int seen;

    public Camera(Context context, Heard heard) {
        this.context = context;
        this.heard = heard;
        reader.getOptions().setFormats(new HashSet<>(Arrays.asList(
            BarcodeReader.Format.EAN_13, BarcodeReader.Format.EAN_8, BarcodeReader.Format.UPC_A,
            BarcodeReader.Format.CODE_128, BarcodeReader.Format.ITF, BarcodeReader.Format.DATA_BAR_EXPANDED,
            BarcodeReader.Format.DATA_MATRIX, BarcodeReader.Format.QR_CODE)));
        reader.getOptions().setMaxNumberOfSymbols(1);
    }

    @Override
    public Lifecycle getLifecycle() {
        return lifecycle;
    }

    /** Begins to look; what is read is told until `stop`. The permission for the camera must have been given. */
    public void start() {
        main.post(() -> {
            if (frames != null) {
                return;
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
        ImageAnalysis analysis = new ImageAnalysis.Builder()
            .setBackpressureStrategy(ImageAnalysis.STRATEGY_KEEP_ONLY_LATEST)
            .build();
        analysis.setAnalyzer(frames, this::look);
        provider.unbindAll();
        provider.bindToLifecycle(this, CameraSelector.DEFAULT_BACK_CAMERA, analysis);
    }

    private void look(ImageProxy image) {
        try {
            boolean thorough = seen++ % THOROUGH_EVERY == 0;
            reader.getOptions().setTryRotate(thorough);
            reader.getOptions().setTryHarder(thorough);
            int width = image.getWidth() * 2 / 3;
            int height = image.getHeight() / 2;
            int left = (image.getWidth() - width) / 2;
            int top = (image.getHeight() - height) / 2;
            image.setCropRect(new Rect(left, top, left + width, top + height));
            for (BarcodeReader.Result found : reader.read(image)) {
                if (found.getBytes() != null) {
                    heard.heard("camera", said(found));
                }
            }
        } catch (JSONException unsaid) {
            return; // the next frame shows the same code
        } finally {
            image.close();
        }
    }

    private static String said(BarcodeReader.Result found) throws JSONException {
        String symbology = found.getSymbologyIdentifier();
        return new JSONObject()
            .put("code", new String(found.getBytes(), StandardCharsets.UTF_8))
            .put("symbology", symbology == null ? "" : symbology)
            .toString();
    }
}
