using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>A socket with at most one session, as the loop that serves it sees it. All is called on the loop's thread.</summary>
internal interface ILoopSocket
{
    /// <summary>Names the socket in events of the loop; never used again.</summary>
    ulong Number { get; }

    /// <summary>Something that it watches is ready.</summary>
    void Handle(in EpollEvent ready);

    /// <summary>Gives the session a turn.</summary>
    void Serve();

    /// <summary>Does what is due; returns when something will be, in ticks of the clock.</summary>
    long CheckDeadline(long now);

    /// <summary>Ends the session, if there is one.</summary>
    void End(SessionEnd end);

    /// <summary>No more sessions.</summary>
    void Close(string reason);
}
