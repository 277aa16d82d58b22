namespace SoftIov.Fuzz.Nvme;

/// <summary>What a driver that is fuzzed does.</summary>
internal enum NvmeStepKind
{
    /// <summary>On what store the run is: memory or a file.</summary>
    On,

    /// <summary>Enables the controller as it should be done.</summary>
    Start,

    /// <summary>Puts a command into a queue.</summary>
    Put,

    /// <summary>Rings a queue's tail doorbell.</summary>
    Ring,

    /// <summary>Takes all completions.</summary>
    Drain,

    /// <summary>Gives the poller time.</summary>
    Wait,

    /// <summary>Writes a register, 32 bits.</summary>
    Write,

    /// <summary>Stores 64 bits in the driver's memory.</summary>
    Store,

    /// <summary>Function level reset.</summary>
    Reset,

    /// <summary>Data are mapped, 1, or not, 0.</summary>
    Map,

    /// <summary>Bus mastering is on, 1, or off, 0.</summary>
    Master,
}
