await CommandLineTool.main()
