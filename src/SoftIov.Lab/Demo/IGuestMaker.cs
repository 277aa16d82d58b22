namespace SoftIov.Lab.Demo;

/// <summary>Where the guests of a demo come from.</summary>
internal interface IGuestMaker
{
    /// <summary>How <c>--guests</c> names them.</summary>
    string Kind { get; }

    /// <summary>How long the stream and the look at an idle daemon last.</summary>
    DemoTimes Times { get; }

    /// <summary>Gets ready what guests need and returns what they are, for people; reports what takes long.</summary>
    Task<string> PrepareAsync(Action<string> report, CancellationToken cancellationToken);

    /// <summary>Starts a guest with a function and returns when its network works.</summary>
    Task<IDemoGuest> BootAsync(GuestPlan plan, CancellationToken cancellationToken);
}
