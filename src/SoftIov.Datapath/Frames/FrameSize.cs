namespace SoftIov.Datapath;

/// <summary>Frames against an MTU: tags do not count, and of a frame yet to be segmented each segment is judged.</summary>
internal static class FrameSize
{
    /// <summary>Whether the frame, or a segment of it, is longer than an untagged frame may be.</summary>
    public static bool Exceeds(in Frame frame, int maxLength) => frame.Length > maxLength && ExceedsWithoutTags(in frame, maxLength);

    private static bool ExceedsWithoutTags(in Frame frame, int maxLength)
    {
        int length = frame.Offload.Gso == GsoType.None
            ? frame.Length
            : Math.Min(frame.Length, frame.Offload.HeaderLength + frame.Offload.GsoSize);
        return length - (VlanTag.Size * frame.CountTagsInHead()) > maxLength;
    }
}
