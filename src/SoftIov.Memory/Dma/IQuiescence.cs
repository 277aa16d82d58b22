namespace SoftIov.Memory;

/// <summary>Lets control code wait until no poller can still touch what was just unpublished.</summary>
public interface IQuiescence
{
    /// <summary>Returns when every poller has passed a quiet point since the call. Never called on a poller's own thread.</summary>
    void WaitForQuietPoint();
}
