package app.stockbook.handheld;

import android.content.Context;
import android.graphics.Bitmap;
import android.graphics.Matrix;
import android.util.Base64;
import androidx.camera.core.ImageAnalysis;
import androidx.camera.core.ImageCapture;
import androidx.camera.core.ImageCaptureException;
import androidx.camera.core.ImageProxy;
import androidx.camera.core.UseCase;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.util.concurrent.Executor;

/**
 * Takes pictures of goods: small frames for the finder, and on a press a picture in a file, upright by its EXIF.
 *
 * <p>Tells ("frame", JPEG in base64), ("picture", the file's path) and ("failed", why).
 */
public final class Photographer extends Looking {
    private static final int FINDER = 360;
    private static final int QUALITY = 70;

    private final File folder;
    private final Heard heard;
    private ImageCapture capture;
    private int taken;

    public Photographer(Context context, File folder, Heard heard) {
        super(context);
        this.folder = folder;
        this.heard = heard;
    }

    @Override
    UseCase[] uses(Executor frames) {
        ImageAnalysis finder = new ImageAnalysis.Builder()
            .setBackpressureStrategy(ImageAnalysis.STRATEGY_KEEP_ONLY_LATEST)
            .setOutputImageFormat(ImageAnalysis.OUTPUT_IMAGE_FORMAT_RGBA_8888)
            .build();
        finder.setAnalyzer(frames, this::show);
        capture = new ImageCapture.Builder().setCaptureMode(ImageCapture.CAPTURE_MODE_MINIMIZE_LATENCY).build();
        return new UseCase[] {finder, capture};
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

    private void show(ImageProxy image) {
        try {
            Bitmap whole = image.toBitmap();
            float share = (float) FINDER / Math.min(whole.getWidth(), whole.getHeight());
            Matrix upright = new Matrix();
            upright.postScale(share, share);
            upright.postRotate(image.getImageInfo().getRotationDegrees());
            Bitmap shown = Bitmap.createBitmap(whole, 0, 0, whole.getWidth(), whole.getHeight(), upright, true);
            ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
            shown.compress(Bitmap.CompressFormat.JPEG, QUALITY, jpeg);
            heard.heard("frame", Base64.encodeToString(jpeg.toByteArray(), Base64.NO_WRAP));
        } finally {
            image.close();
        }
    }
}
