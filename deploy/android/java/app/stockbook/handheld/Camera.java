package app.stockbook.handheld;

import android.content.Context;
import android.graphics.Rect;
import androidx.camera.core.ImageAnalysis;
import androidx.camera.core.ImageProxy;
import androidx.camera.core.UseCase;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.concurrent.Executor;
import org.json.JSONException;
import org.json.JSONObject;
import zxingcpp.BarcodeReader;

/**
 * Reads codes by the camera where there is no scanner: CameraX gives frames, zxing-cpp reads them, text goes to Python.
 *
 * <p>Only the middle of the picture is looked at, in the formats that goods carry; every fifth frame is turned too.
 * The raw bytes are told, never the readable form, which has brackets in place of the separators of GS1.
 */
public final class Camera extends Looking {
    private static final int THOROUGH_EVERY = 5;

    private final Heard heard;
    private final BarcodeReader reader = new BarcodeReader();
    private int seen;

    public Camera(Context context, Heard heard) {
        super(context);
        this.heard = heard;
        reader.getOptions().setFormats(new HashSet<>(Arrays.asList(
            BarcodeReader.Format.EAN_13, BarcodeReader.Format.EAN_8, BarcodeReader.Format.UPC_A,
            BarcodeReader.Format.CODE_128, BarcodeReader.Format.ITF, BarcodeReader.Format.DATA_BAR_EXPANDED,
            BarcodeReader.Format.DATA_MATRIX, BarcodeReader.Format.QR_CODE)));
        reader.getOptions().setMaxNumberOfSymbols(1);
    }

    @Override
    UseCase[] uses(Executor frames) {
        ImageAnalysis analysis = new ImageAnalysis.Builder()
            .setBackpressureStrategy(ImageAnalysis.STRATEGY_KEEP_ONLY_LATEST)
            .build();
        analysis.setAnalyzer(frames, this::look);
        return new UseCase[] {analysis};
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
