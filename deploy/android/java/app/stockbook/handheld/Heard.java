package app.stockbook.handheld;

/** What Python implements to be told of a code or a picture; called on a thread that is not the screen's. */
public interface Heard {
    /**
     * @param source the broadcast's action, or what `Camera` tells
     * @param extras the broadcast's texts as a JSON object, or what the camera saw
     */
    void heard(String source, String extras);
}
