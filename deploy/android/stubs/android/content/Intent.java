package android.content;

public class Intent {
    public static final String CATEGORY_DEFAULT = "android.intent.category.DEFAULT";

    public native android.os.Bundle getExtras();

    public native String getAction();
}
