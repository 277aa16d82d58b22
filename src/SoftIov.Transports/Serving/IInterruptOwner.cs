namespace SoftIov.Transports;

/// <summary>A session with eventfds of its client's, as <see cref="InterruptWatch"/> sees it.</summary>
internal interface IInterruptOwner
{
    /// <summary>Lets threads go on that hang in an eventfd of the client's; that is the end of its session.</summary>
    void ReleaseStuckInterrupts();
}
