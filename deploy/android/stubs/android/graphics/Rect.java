package android.graphics;

public class Rect {
    public Rect(int left, int top, int right, int bottom) {}
}
