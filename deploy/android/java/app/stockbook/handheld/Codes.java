package app.stockbook.handheld;

import android.graphics.Bitmap;
import android.graphics.Rect;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import org.json.JSONException;
import org.json.JSONObject;
import zxingcpp.BarcodeReader;

/**
 * Reads codes in what the camera sees, by zxing-cpp.
 *
 * <p>Only the middle of the picture is looked at, in the formats that goods carry; every fifth frame is turned too.
 * The raw bytes are told, never the readable form, which has brackets in place of the separators of GS1.
 */
final class Codes {
    private static final int THOROUGH_EVERY = 5;

    private final BarcodeReader reader = new BarcodeReader();
    private int seen;

    Codes() {
        reader.getOptions().setFormats(new HashSet<>(Arrays.asList(
            BarcodeReader.Format.EAN_13, BarcodeReader.Format.EAN_8, BarcodeReader.Format.UPC_A,
            BarcodeReader.Format.CODE_128, BarcodeReader.Format.ITF, BarcodeReader.Format.DATA_BAR_EXPANDED,
            BarcodeReader.Format.DATA_MATRIX, BarcodeReader.Format.QR_CODE)));
        reader.getOptions().setMaxNumberOfSymbols(1);
    }

    /** Returns {"code": ..., "symbology": ...} of a code in the middle of a frame, null without one. */
    String in(Bitmap frame, int rotation) {
        boolean thorough = seen++ % THOROUGH_EVERY == 0;
        reader.getOptions().setTryRotate(thorough);
        reader.getOptions().setTryHarder(thorough);
        int side = Math.min(frame.getWidth(), frame.getHeight());
        int left = (frame.getWidth() - side) / 2;
        int top = (frame.getHeight() - side) / 2;
        for (BarcodeReader.Result found : reader.read(frame, new Rect(left, top, left + side, top + side), rotation)) {
            if (found.getBytes() != null) {
                return said(found);
            }
        }
        return null;
    }

    private static String said(BarcodeReader.Result found) {
        String symbology = found.getSymbologyIdentifier();
        try {
            return new JSONObject()
                .put("code", new String(found.getBytes(), StandardCharsets.UTF_8))
                .put("symbology", symbology == null ? "" : symbology)
                .toString();
        } catch (JSONException unsaid) {
            return null; // the next frame shows the same code
        }
    }
}
