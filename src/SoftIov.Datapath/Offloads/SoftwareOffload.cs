namespace SoftIov.Datapath;

internal static class SoftwareOffload
{
    public static bool TryCompleteInPlace(FrameBatch batch, int index, OffloadSet accepted) => false;
}
