package android.os;

public class Bundle {
    public native java.util.Set<String> keySet();

    public native Object get(String key);
}
