package zxingcpp;

import java.util.List;
import java.util.Set;

public final class BarcodeReader {
    public native Options getOptions();

    public native List<Result> read(android.graphics.Bitmap bitmap, android.graphics.Rect crop, int rotation);

    public enum Format {
        NONE, AZTEC, CODABAR, CODE_39, CODE_93, CODE_128, DATA_BAR, DATA_BAR_EXPANDED, DATA_MATRIX, EAN_8, EAN_13, ITF,
        MAXICODE, PDF_417, QR_CODE, MICRO_QR_CODE, UPC_A, UPC_E
    }

    public static final class Options {
        public native void setFormats(Set<? extends Format> formats);

        public native void setTryHarder(boolean on);

        public native void setTryRotate(boolean on);

        public native void setMaxNumberOfSymbols(int most);
    }

    public static final class Result {
        public native byte[] getBytes();

        public native String getSymbologyIdentifier();
    }
}
