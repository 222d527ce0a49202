package androidx.lifecycle;

public class LifecycleRegistry extends Lifecycle {
    public LifecycleRegistry(LifecycleOwner owner) {}

    public native void setCurrentState(Lifecycle.State state);
}
